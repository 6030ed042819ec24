"""`app:create_app()` gives the WSGI application; `python app.py COMMAND` is what an operator types."""

from admin_views.web.application import create_app

__all__ = ["create_app"]

if __name__ == "__main__":
    from commands import main

    main()
