"""What reading captured requests from BigQuery costs."""
