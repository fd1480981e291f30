"""A plan as a file: written by `plan --out`, read strictly, held against the cluster as it is then."""
