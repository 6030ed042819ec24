"""What a coordinator puts right in a case that was handed in."""
