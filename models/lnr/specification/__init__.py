"""What suppliers get: files, OpenAPI, examples."""
