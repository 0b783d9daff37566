"""Records and boards in other tools: pandas, parquet for DuckDB and the like, MLflow."""

from mirbench.export.frame import scores_frame, to_frame
from mirbench.export.parquet import to_parquet
from mirbench.export.tracker import export_mlflow

__all__ = ["export_mlflow", "scores_frame", "to_frame", "to_parquet"]
