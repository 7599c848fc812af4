problem-invalid = Validation failed
