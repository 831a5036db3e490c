<?php

declare(strict_types=1);

namespace Acme\Claims\Rules;

final class AssessmentFailed extends \RuntimeException
{
}
