"""What runs beside the renders: lost jobs are recovered, old files deleted."""
