"""HTTP without features: who may, what was asked, how the answer looks. Only this package and routes know Quart."""
