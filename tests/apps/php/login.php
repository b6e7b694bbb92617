<?php
// The login form. A right password marks the session that is there; no new id, no new cookie.
// A wrong one shows the form again with status 200, as most old apps do.
require __DIR__ . '/common.php';

$next = $_GET['next'] ?? '/chart.php?pid=1001';
$said = '';
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $who = person($_POST['username'] ?? '', $_POST['password'] ?? '');
    if ($who !== null) {
        $_SESSION['who'] = $who;
        $safe = is_string($next) && str_starts_with($next, '/') && !str_starts_with($next, '//');
        header('Location: ' . ($safe ? $next : '/chart.php?pid=1001'), true, 302);
        exit;
    }
    $said = '<p class="error">Wrong user name or password.</p>';
}
$action = '/login.php' . (isset($_GET['next']) ? '?next=' . urlencode((string) $next) : '');
page('Sign in to Ward Records', $said . '<form id="login" method="post" action="' . h($action) . '">
<label>User name <input name="username"></label>
<label>Password <input type="password" name="password"></label>
<button>Sign in</button></form>');
