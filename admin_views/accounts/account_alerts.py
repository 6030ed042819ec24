"""Mails to somebody about a change of their own account, so that one they did not ask for does not go unseen."""

from flask import render_template

from models.mail.outbox import Mail


def tell(person, subject, happened, address=None):
    """Queue a mail to `person`, at their own address unless another one is named."""
    texts = [render_template(f"security/mail/alert.{kind}", user=person, happened=happened) for kind in ("txt", "html")]
    Mail.queue("account", to=person, address=address, subject=subject, text=texts[0], html=texts[1])
