"""One small class a courier."""
