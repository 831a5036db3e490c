from django.db import models


class Claim(models.Model):
    class Status(models.TextChoices):
        FILED = "filed", "Filed"
        ASSESSED = "assessed", "Assessed"
        PAID = "paid", "Paid"
        REJECTED = "rejected", "Rejected"

    number = models.CharField(max_length=20, unique=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.FILED)

    class Meta:
        db_table = "claim"


class Payment(models.Model):
    claim = models.OneToOneField(Claim, on_delete=models.PROTECT)
    cents = models.IntegerField()
