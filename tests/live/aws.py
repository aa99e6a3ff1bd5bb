"""An AWS for tests: moto in this process, and what moto lacks.

Faults by operation and account, fields of GetTrailStatus that moto never sets, a log of all calls, and
HTTP/1.1 with connections that stay open. Prints `READY PORT`; ends when standard input does.

    POST /_t/do      {"account", "region", "service", "call", "with"}: a boto3 call; its answer
    POST /_t/keys    {"account"}: credentials for an account
    POST /_t/fault   {"operation": "CloudTrail.ListTrails" | "*", "account": "…" | null, "times": n | null,
                      "status", "code", "message", "body", "headers", "delay", "reset"}
    POST /_t/status  {"account", "trail", "fields"}: put over what GetTrailStatus answers
    POST /_t/answer  {"operation", "account", "fields"}: put over any JSON answer
    GET  /_t/calls   every call so far: operation, account, region, status
"""

import json
import os
import re
import socket
import sys
import threading
import time
from urllib.parse import parse_qs

import boto3
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

TARGETS = {"CloudTrail_20131101": "CloudTrail", "TrentService": "KMS", "AWSOrganizationsV20161128": "Organizations"}
S3_QUESTIONS = {
    "policy": "GetBucketPolicy",
    "location": "GetBucketLocation",
    "encryption": "GetBucketEncryption",
    "ownershipControls": "GetBucketOwnershipControls",
    "requestPayment": "GetBucketRequestPayment",
    "publicAccessBlock": "GetPublicAccessBlock",
    "policyStatus": "GetBucketPolicyStatus",
    "versioning": "GetBucketVersioning",
    "object-lock": "GetObjectLockConfiguration",
    "lifecycle": "GetBucketLifecycleConfiguration",
}

lock = threading.Lock()
accounts = {}  # access key id -> account
keys = {}  # account -> credentials
faults, overlays, calls = [], [], []


def operation_of(environ, body):
    """Service and operation, as the API names them; and the Region."""
    scope = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    key, region, service = scope.groups() if scope else ("", "", "")
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if "." in target:
        name = target.split(".")[0].split("_v")[0].rsplit("/", 1)[-1]
        prefix = target.rsplit(".", 1)[0].rsplit(".", 1)[-1]
        return TARGETS.get(prefix, TARGETS.get(name, prefix)), target.rsplit(".", 1)[1], key, region
    if service in ("sts", "sns", "iam"):
        form = parse_qs(body.decode("utf-8", "replace"))
        return service.upper(), form.get("Action", ["?"])[0], key, region
    method, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
    question = query.split("&")[0].split("=")[0]
    if method == "HEAD":
        return "S3", "HeadBucket", key, region
    if method == "GET" and question in S3_QUESTIONS:
        return "S3", S3_QUESTIONS[question], key, region
    return "S3", f"{method} ?{question}", key, region


def error_body(service, code, message):
    """An error in the service's own form."""
    if service == "S3":
        return "application/xml", f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    if service in ("STS", "SNS"):
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        return "text/xml", f"<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>"
    return "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message})


class App:
    """moto, with everything else in front of it."""

    def __init__(self):
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.port = None

    def __call__(self, environ, start_response):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        if environ["PATH_INFO"].startswith("/_t/"):
            answer = json.dumps(self.control(environ["PATH_INFO"], body), default=str).encode()
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
            return [answer]
        service, name, key, region = operation_of(environ, body)
        account = accounts.get(key, "123456789012")
        call = {"operation": f"{service}.{name}", "account": account, "region": region, "status": 0, "tested": key not in TESTERS}
        with lock:
            calls.append(call)
        fault = self.fault(call, body)
        if fault:
            if fault.get("delay"):
                time.sleep(fault["delay"])
            if fault.get("reset"):
                connection = environ["werkzeug.socket"]
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                os.close(connection.detach())  # The handler's files keep the socket open otherwise.
                raise ConnectionAbortedError("as asked")
            if fault.get("status"):
                kind, text = error_body(service, fault.get("code", ""), fault.get("message", ""))
                if fault.get("body") is not None:
                    kind, text = fault.get("type", "text/html"), fault["body"]
                content = b"" if environ["REQUEST_METHOD"] == "HEAD" else text.encode()
                headers = [("Content-Type", kind), ("Content-Length", str(len(content)))]
                headers += list((fault.get("headers") or {}).items())
                call["status"] = fault["status"]
                start_response(f"{fault['status']} X", headers)
                return [content]
        return self.answer(environ, start_response, body, call)

    def answer(self, environ, start_response, body, call):
        import io

        environ = dict(environ, **{"wsgi.input": io.BytesIO(body)})
        begun = {}

        def begin(status, headers, exc_info=None):
            begun.update(status=status, headers=headers)

        content = b"".join(self.moto(environ, begin))
        call["status"] = int(begun["status"].split()[0])
        # AssumeRole; and AssumeRoleWithWebIdentity, which nobody signs.
        if b"<AccessKeyId>" in content and b"arn:aws:sts::" in content:
            text = content.decode()
            key = re.search(r"<AccessKeyId>(.*?)</AccessKeyId>", text)
            account = re.search(r"arn:aws:sts::(\d{12}):", text)
            if key and account:
                accounts[key.group(1)] = account.group(1)
        content = self.overlay(call, body, content)
        headers = [(k, v) for k, v in begun["headers"] if k.lower() != "content-length"]
        if environ["REQUEST_METHOD"] != "HEAD":
            headers.append(("Content-Length", str(len(content))))
        start_response(begun["status"], headers)
        return [content]

    def overlay(self, call, body, content):
        for overlay in overlays:
            fits = overlay["operation"] == call["operation"] and overlay.get("account") in (None, call["account"])
            if fits and overlay.get("contains", "").encode() in body and call["status"] == 200:
                content = json.dumps({**json.loads(content or b"{}"), **overlay["fields"]}).encode()
        return content

    def fault(self, call, body):
        with lock:
            for fault in faults:
                if fault["operation"] not in ("*", call["operation"]):
                    continue
                if fault.get("account") not in (None, call["account"]) or not call["tested"]:
                    continue
                if fault.get("region") not in (None, call["region"]):
                    continue
                if fault.get("contains", "").encode() not in body:
                    continue
                if fault.get("times") is not None:
                    if fault["times"] == 0:
                        continue
                    fault["times"] -= 1
                return fault
        return None

    def control(self, path, body):
        asked = json.loads(body or b"{}")
        if path == "/_t/calls":
            return [call for call in calls if call["tested"]]
        if path == "/_t/fault":
            faults.append(asked)
        elif path == "/_t/status":
            overlays.append({"operation": "CloudTrail.GetTrailStatus", "account": asked["account"],
                             "contains": asked["trail"], "fields": asked["fields"]})
        elif path == "/_t/answer":
            overlays.append(asked)
        elif path == "/_t/keys":
            return self.credentials(asked["account"], tester=False)
        elif path == "/_t/do":
            client = self.client(asked["account"], asked["region"], asked["service"])
            return getattr(client, asked["call"])(**asked.get("with", {}))
        return {}

    def credentials(self, account, tester):
        role = f"arn:aws:iam::{account}:role/tester"
        sts = self.raw("sts", "us-east-1", aws_access_key_id="root", aws_secret_access_key="root")
        given = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        if tester:
            TESTERS.add(given["AccessKeyId"])
        return {"aws_access_key_id": given["AccessKeyId"], "aws_secret_access_key": given["SecretAccessKey"],
                "aws_session_token": given["SessionToken"]}

    def client(self, account, region, service):
        if account not in keys:
            keys[account] = self.credentials(account, tester=True)
        return self.raw(service, region, **keys[account])

    def raw(self, service, region, **credentials):
        return boto3.client(service, region_name=region, endpoint_url=f"http://127.0.0.1:{self.port}",
                            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}), **credentials)


TESTERS = {"root"}


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *arguments):
        pass


def main():
    app = App()
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # Connections that break, as they were asked to.
    app.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"READY {app.port}", flush=True)
    sys.stdin.read()


main()
