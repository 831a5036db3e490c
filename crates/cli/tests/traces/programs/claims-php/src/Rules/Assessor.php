<?php

declare(strict_types=1);

namespace Acme\Claims\Rules;

use Acme\Claims\Claim;

final class Assessor
{
    public function assess(Claim $claim): int
    {
        try {
            return $claim->amount() - $claim->policy()->excess($claim->amount());
        } catch (\DivisionByZeroError $e) {
            throw new AssessmentFailed("claim {$claim->number} cannot be assessed", 0, $e);
        }
    }

    /** @param Claim[] $claims */
    public function all(array $claims): array
    {
        return array_map(fn (Claim $claim) => $this->assess($claim), $claims);
    }
}
