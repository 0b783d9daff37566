"""From listening counts to recommendations: factors, what is predicted of them, and who is served.

`plays` checks the counts, `wmf` factorises them, `setting` says what is warm and what is cold, `rows`
scores tracks for users, `evaluate` judges the scores; ``python -m mirbench.recommendation`` prints the table.
"""
