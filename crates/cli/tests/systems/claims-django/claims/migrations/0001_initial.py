from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel(
            name="Claim",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("number", models.CharField(max_length=20, unique=True)),
                ("status", models.CharField(max_length=12)),
            ],
            options={"db_table": "claim"},
        ),
    ]
