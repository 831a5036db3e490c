<?php

declare(strict_types=1);

namespace Acme\Claims;

final class Policy
{
    public function __construct(private int $share)
    {
    }

    public function excess(int $amount): int
    {
        return intdiv($amount, $this->share);
    }
}
