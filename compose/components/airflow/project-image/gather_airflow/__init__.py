"""What gather adds to the image of Airflow, beside Airflow itself. Nothing here is imported unless gather's `airflow` command is called."""
