<?php
// The session and the people of a small records app, written as such apps were written in 2009.
// It has no second factor and nobody may change it: that is the point. Started by apps::php.
//
// Kept as they are on purpose: a session id invented by the client is accepted (strict mode off),
// it may come in the URL, it is not renewed at login, and names are folded as MySQL would fold them.

session_start();

const PEOPLE = [
    'alice' => ['Larch-Canary-41', 'alice@clinic.test'],
    'bob' => ['Birch-Canary-52', 'bob@clinic.test'],
    'mallory' => ['Yew-Canary-63', 'mallory@clinic.test'],
    'pat' => ['Elm-Canary-74', 'pat@clinic.test'],
];

/** The name of the person who gave this spelling and password, or null. */
function person(mixed $name, mixed $password): ?string
{
    if (!is_string($name) || !is_string($password)) {
        return null;
    }
    $name = strtolower(trim($name));
    foreach (PEOPLE as $own => [$secret, $mail]) {
        if (($name === $own || $name === $mail) && $password === $secret) {
            return $own;
        }
    }
    return null;
}

/** Who is logged in, or the way to the login page. */
function who(): string
{
    if (!isset($_SESSION['who'])) {
        header('Location: /login.php?next=' . urlencode($_SERVER['REQUEST_URI']), true, 302);
        exit;
    }
    return $_SESSION['who'];
}

function h(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES);
}

function page(string $title, string $body): void
{
    echo '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>', h($title),
        '</title><link rel="stylesheet" href="/static/x.css"></head><body><h1>', h($title),
        "</h1>\n", $body, "\n</body></html>\n";
}

function json(mixed $value): void
{
    header('Content-Type: application/json');
    echo json_encode($value, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}

/** Every note ever saved, one line each: who, a tab, the text as JSON. */
function notes_file(): string
{
    return session_save_path() . '/notes.txt';
}
