"""The main job: real flights of 2013 through the whole closed loop."""
