"""Descriptions of sound that no net has learned, as rows beside the encoders that have."""
