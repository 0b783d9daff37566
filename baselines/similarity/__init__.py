"""Music similarity from bags of frames: models of a track's MFCC and distances between models."""
