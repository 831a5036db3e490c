<?php

declare(strict_types=1);

namespace Acme\Claims;

final class Claim
{
    /** @param array<string, mixed> $fields */
    public function __construct(public readonly string $number, private array $fields)
    {
    }

    public function amount(): int
    {
        return $this->fields['amount'];
    }

    public function policy(): ?Policy
    {
        return $this->fields['policy'] ?? null;
    }
}
