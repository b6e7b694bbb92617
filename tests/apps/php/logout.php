<?php
// Ends the session here; the cookie stays in the browser and the id may be used again.
// Answers GET too, as old apps do, so any picture on any page can log somebody out.
require __DIR__ . '/common.php';

$_SESSION = [];
session_destroy();
header('Location: /login.php', true, 302);
