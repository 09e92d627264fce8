"""What makes a browser's first visit quick: Streamlit's page dressed, its files packed once."""
