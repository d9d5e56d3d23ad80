test:
    echo x
