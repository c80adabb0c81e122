"""Looking into models: routing, cost, speed, and what each part is worth."""
