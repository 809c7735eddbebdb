"""What operators see: the dashboard, and the failed jobs."""
