"""The breast-cancer classifier: thirty numbers in, benign or malignant out."""
