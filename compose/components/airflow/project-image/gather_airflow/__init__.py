"""What gather adds to the image of Airflow, beside Airflow itself. fork_guard is read at every start of Python: nothing is imported here."""
