"""The policy pack: what every stack has to be, checked in every preview and up."""
