<?php
// What PHP made of the request, quirks and all. Asks for no login, as diagnostic pages tend not to.
// A test compares this with what the gateway believed.
require __DIR__ . '/common.php';

$body = file_get_contents('php://input');
json([
    'method' => $_SERVER['REQUEST_METHOD'],
    'uri' => $_SERVER['REQUEST_URI'],
    'script' => $_SERVER['SCRIPT_NAME'],
    'path_info' => $_SERVER['PATH_INFO'] ?? null,
    'protocol' => $_SERVER['SERVER_PROTOCOL'],
    'get' => (object) $_GET,
    'post' => (object) $_POST,
    'cookie' => (object) $_COOKIE,
    'files' => (object) $_FILES,
    'headers' => (object) getallheaders(),
    'server' => (object) array_filter($_SERVER, fn ($key) => str_starts_with($key, 'HTTP_')
        || str_starts_with($key, 'REMOTE_') || $key === 'AUTH_TYPE', ARRAY_FILTER_USE_KEY),
    'body_length' => strlen($body),
    'body_sha256' => hash('sha256', $body),
    'session_id' => session_id(),
    'who' => $_SESSION['who'] ?? null,
]);
