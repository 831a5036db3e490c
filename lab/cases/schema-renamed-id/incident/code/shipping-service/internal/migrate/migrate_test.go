package migrate

import (
	"testing"
	"testing/fstest"

	"fernmoor.example/shipping-service/migrations"
)

func TestMigrationsComeInOrderOfTheirNumbers(t *testing.T) {
	files := fstest.MapFS{"0010_b.up.sql": {}, "0002_a.up.sql": {}, "0002_a.down.sql": {}, "notes.md": {}}
	found, err := list(files)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 || found[0].version != 2 || found[1].version != 10 {
		t.Fatalf("got %+v", found)
	}
}

func TestAMigrationWithoutNumberIsRefused(t *testing.T) {
	if _, err := list(fstest.MapFS{"init.up.sql": {}}); err == nil {
		t.Fatal("no error")
	}
}

func TestOurOwnMigrationsHaveAWayBack(t *testing.T) {
	found, err := list(migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range found {
		down := m.name[:len(m.name)-len("up.sql")] + "down.sql"
		if _, err := migrations.Files.ReadFile(down); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
	}
}
