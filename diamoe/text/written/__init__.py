"""How written text is said: numbers, dates, money, codes, marks, in Chinese and in Europe."""
