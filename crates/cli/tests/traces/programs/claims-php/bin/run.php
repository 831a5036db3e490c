<?php

declare(strict_types=1);

spl_autoload_register(function (string $class): void {
    require __DIR__ . '/../src/' . str_replace(['Acme\\Claims\\', '\\'], ['', '/'], $class) . '.php';
});

use Acme\Claims\Claim;
use Acme\Claims\Policy;
use Acme\Claims\Rules\Assessor;

$assessor = new Assessor();
match ($argv[1]) {
    'amount-as-text' => $assessor->assess(new Claim('C-1', ['amount' => '12', 'policy' => new Policy(10)])),
    'no-policy' => $assessor->all([new Claim('C-2', ['amount' => 12])]),
    'no-share' => $assessor->assess(new Claim('C-3', ['amount' => 12, 'policy' => new Policy(0)])),
};
