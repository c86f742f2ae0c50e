#!/usr/bin/env python3
"""A mail server for one test: RFC 5321 on loopback, what it gets in a file.

server.py PORT-FILE MAIL-FILE [CERTIFICATE KEY]

With a certificate it offers STARTTLS, and AUTH PLAIN once that is done.  What
a client sends that is not by the book is answered with an error: a line that
does not end in CRLF, one of more than 1,000 bytes, data before 354.
"""
import base64
import socket
import ssl
import sys


class Client:
    def __init__(self, sock, context, to):
        self.sock, self.context, self.to = sock, context, to
        self.buffer = b''
        self.secure = False
        self.user = None

    def say(self, text):
        self.sock.sendall(text.encode() + b'\r\n')

    def line(self):
        while b'\n' not in self.buffer:
            more = self.sock.recv(65536)
            if not more:
                raise EOFError
            self.buffer += more
        line, self.buffer = self.buffer.split(b'\n', 1)
        if not line.endswith(b'\r') or len(line) > 999 or b'\r' in line[:-1]:
            raise ValueError(line)
        return line[:-1]

    def hello(self):
        able = ['8BITMIME', 'SIZE 1000000']
        if self.context is not None and not self.secure:
            able.append('STARTTLS')
        if self.secure:
            able.append('AUTH PLAIN')
        for word in able[:-1]:
            self.say('250-' + word)
        self.say('250 ' + able[-1])

    def data(self, sender, receivers):
        self.say('354 go on')
        lines = []
        while (line := self.line()) != b'.':
            lines.append(line[1:] if line.startswith(b'.') else line)
        with open(self.to, 'ab') as f:
            f.write(b'MAIL %s RCPT %s TLS %d USER %s\n' % (
                sender, b' '.join(receivers), self.secure,
                (self.user or '-').encode()))
            f.write(b'\n'.join(lines) + b'\nEND\n')
        self.say('250 kept')

    def serve(self):
        sender, receivers = b'', []
        self.say('220 test ESMTP')
        while True:
            line = self.line()
            verb = line.split(b' ')[0].upper()
            if verb == b'EHLO':
                self.hello()
            elif verb == b'STARTTLS' and self.context is not None:
                self.say('220 begin')
                self.sock = self.context.wrap_socket(self.sock,
                                                     server_side=True)
                self.secure, self.buffer = True, b''
            elif verb == b'AUTH' and self.secure:
                words = line.split(b' ')
                if len(words) < 3:
                    self.say('334 ')
                    words.append(self.line())
                _, user, password = base64.b64decode(words[2]).split(b'\0')
                self.user = user.decode() if password == b'secret' else None
                self.say('235 welcome' if self.user else '535 no')
            elif line.upper().startswith(b'MAIL FROM:<'):
                sender, receivers = line[11:].split(b'>')[0], []
                self.say('250 ok')
            elif line.upper().startswith(b'RCPT TO:<'):
                who = line[9:].split(b'>')[0]
                if who.startswith(b'nobody@'):
                    self.say('550 no such user')
                    continue
                receivers.append(who)
                self.say('250 ok')
            elif verb == b'DATA' and receivers:
                self.data(sender, receivers)
            elif verb == b'QUIT':
                self.say('221 bye')
                return
            elif verb in (b'RSET', b'NOOP'):
                self.say('250 ok')
            else:
                self.say('503 not now')


def main():
    port_file, to, *certificate = sys.argv[1:]
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
    server = socket.socket()
    server.bind(('127.0.0.1', 0))
    server.listen()
    with open(port_file, 'w') as f:  # a pipe: who reads it waits for us
        f.write('%d\n' % server.getsockname()[1])
    while True:
        sock, _ = server.accept()
        with sock:
            client = Client(sock, context, to)
            try:
                client.serve()
            except (EOFError, ConnectionError, ssl.SSLError):
                pass
            except ValueError as e:
                client.say('500 not by the book: %r' % (e,))


main()
