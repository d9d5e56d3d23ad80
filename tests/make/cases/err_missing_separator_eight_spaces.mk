test:
        echo x
