"""Real servers for tests: Dovecot, PostgreSQL, an SMTP server, a bad network.

Where a program or root is missing the tests that need it are skipped with the reason; in CI they fail.
"""

from tests.services.common import DEADLINE, PASSWORD, free_port, until
from tests.services.dovecot import Dovecot, Mailbox, running_dovecot
from tests.services.postgres import Postgres, running_postgres
from tests.services.proxy import TcpProxy, running_tcp_proxy
from tests.services.smtp import Received, SmtpSink, running_smtp_sink

__all__ = [
    "DEADLINE",
    "PASSWORD",
    "Dovecot",
    "Mailbox",
    "Postgres",
    "Received",
    "SmtpSink",
    "TcpProxy",
    "free_port",
    "running_dovecot",
    "running_postgres",
    "running_smtp_sink",
    "running_tcp_proxy",
    "until",
]
