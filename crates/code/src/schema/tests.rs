//! Each way of defining tables.

use super::*;
use crate::Sources;

fn sources(files: &[(&str, &str)]) -> Sources {
    let files = files.iter().map(|(p, t)| SourceFile { path: (*p).into(), text: (*t).into() }).collect();
    Sources::of_files("s", files)
}

/// `orders(id, no): U orders_no_key(no)@3`.
fn told(path: &str, text: &str) -> Vec<String> {
    let show = |k: &Key| {
        let kind = match k.constraint {
            Constraint::Primary => "P",
            Constraint::Unique => "U",
            Constraint::Foreign => "F",
            Constraint::Check => "C",
        };
        let to = if k.refers_to.is_empty() { String::new() } else { format!("->{}", k.refers_to) };
        format!("{kind} {}({}){to}@{}", k.name, k.columns.join(","), k.line)
    };
    let sources = sources(&[(path, text)]);
    let tables = sources.schema().tables.iter();
    tables
        .map(|t| {
            format!(
                "{}({}): {}",
                t.name,
                t.columns.join(","),
                t.keys.iter().map(show).collect::<Vec<_>>().join("; ")
            )
        })
        .collect()
}

#[test]
fn sql_migrations() {
    let sql = "-- CREATE TABLE no (a int);\nCREATE TABLE IF NOT EXISTS shop.\"Orders\" (\n  id bigint PRIMARY KEY,\n  no text NOT NULL UNIQUE,\n  customer_id bigint REFERENCES customers (id),\n  amount numeric(10, 2) CHECK (amount > 0),\n  CONSTRAINT uq_line UNIQUE (no, customer_id)\n);\nCREATE UNIQUE INDEX CONCURRENTLY ux_open ON orders USING btree (no) WHERE x = ';';\nALTER TABLE orders ADD COLUMN zone text, ADD CONSTRAINT fk_z FOREIGN KEY (zone) REFERENCES zones (id);\n";
    assert_eq!(
        told("db/migration/V1__a.sql", sql),
        [
            "orders(id,no,customer_id,amount): P orders_pkey(id)@3; U orders_no_key(no)@4; F orders_customer_id_fkey(customer_id)->customers@5; C orders_amount_check(amount)@6; U uq_line(no,customer_id)@7",
            "orders(): U ux_open(no)@9",
            "orders(zone): F fk_z(zone)->zones@10",
        ]
    );
    assert!(told("migrations/1_a.down.sql", "CREATE TABLE a (id int);").is_empty());
    let mysql = "CREATE TABLE `parcels` (\n `id` BIGINT AUTO_INCREMENT,\n `no` VARCHAR(20),\n PRIMARY KEY (`id`),\n UNIQUE KEY `uk_no` (`no`)\n) ENGINE=InnoDB;";
    assert_eq!(told("a.sql", mysql), ["parcels(id,no): P parcels_pkey(id)@4; U uk_no(no)@5"]);
    let go = "package a\nfunc f() {\n\tdb.Exec(`CREATE TABLE parts (\n\t\tid int primary key\n\t)`)\n}\n";
    assert_eq!(told("a.go", go), ["parts(id): P parts_pkey(id)@4"]);
}

#[test]
fn change_logs_and_prisma() {
    let xml = "<databaseChangeLog>\n <changeSet id=\"1\">\n  <createTable tableName=\"orders\">\n   <column name=\"no\" type=\"text\">\n    <constraints unique=\"true\" uniqueConstraintName=\"uq_no\"/>\n   </column>\n  </createTable>\n  <addUniqueConstraint tableName=\"orders\" columnNames=\"a, b\" constraintName=\"uq_ab\"/>\n </changeSet>\n</databaseChangeLog>\n";
    assert_eq!(told("changelog.xml", xml), ["orders(no): U uq_no(no)@5", "orders(): U uq_ab(a,b)@8"]);
    let prisma = "model Order {\n  id Int @id\n  no String @unique\n  customer Customer @relation(fields: [customerId], references: [id])\n  @@unique([no, zone], map: \"uq_zone\")\n  @@map(\"orders\")\n}\n";
    assert_eq!(
        told("schema.prisma", prisma),
        ["orders(id,no): P (id)@2; U order_no_key(no)@3; F (customerid)->customer@4; U uq_zone(no,zone)@5"]
    );
}

#[test]
fn change_logs_in_yaml() {
    let yaml = "databaseChangeLog:\n  - changeSet:\n      id: 1\n      changes:\n        - createTable:\n            tableName: reservation\n            columns:\n              - column: { name: id, type: bigint, constraints: { primaryKey: true } }\n              - column:\n                  name: order_id\n                  type: uuid\n                  constraints:\n                    nullable: false\n                    unique: true\n        - addUniqueConstraint:\n            tableName: reservation\n            columnNames: order_id, id\n            constraintName: uq_order\n";
    assert_eq!(
        told("db/a.yaml", yaml),
        ["reservation(id,order_id): P (id)@8; U (order_id)@14", "reservation(): U uq_order(order_id,id)@15"]
    );
    let django = "from django.db import migrations, models\nclass Migration(migrations.Migration):\n    operations = [migrations.CreateModel(name='Claim', fields=[('id', models.BigAutoField(primary_key=True))], options={'db_table': 'claim'})]\n";
    assert_eq!(told("claims/migrations/0001.py", django), ["claim(id): P (id)@3"]);
}

#[test]
fn entities_of_java_and_typescript() {
    let java = "import jakarta.persistence.*;\n@Entity\n@Table(name = \"orders\", uniqueConstraints = @UniqueConstraint(name = \"uq_no\", columnNames = {\"no\", \"zone\"}))\nclass Order {\n  @Id private Long id;\n  @Column(name = \"order_no\", unique = true)\n  private String orderNo;\n  @JoinColumn(name = \"customer_id\") private Customer customer;\n}\n";
    assert_eq!(
        told("Order.java", java),
        ["orders(id,order_no,customer_id): U uq_no(no,zone)@3; P (id)@5; U (order_no)@6; F (customer_id)@8"]
    );
    let ts = "import { Entity } from 'typeorm';\n@Entity('orders')\n@Unique('uq_no', ['no', 'zone'])\nexport class Order {\n  @PrimaryColumn({ name: 'id' })\n  id: number;\n  @Column({ name: 'no', unique: true })\n  no: string;\n}\n";
    assert_eq!(told("order.ts", ts), ["orders(id,no): U uq_no(no,zone)@3; P (id)@5; U (no)@7"]);
}

#[test]
fn entity_framework_and_python() {
    let cs = "class M : Migration {\n  void Up(MigrationBuilder b) {\n    b.CreateTable(name: \"Orders\", columns: t => new { Id = 1 }, constraints: table => {\n      table.PrimaryKey(\"PK_Orders\", x => x.Id);\n    });\n    b.CreateIndex(name: \"IX_Orders_No\", table: \"Orders\", column: \"No\", unique: true);\n  }\n}\n";
    assert_eq!(told("M.cs", cs), ["orders(): P pk_orders()@4", "orders(): U ix_orders_no(no)@6"]);
    let alembic = "from alembic import op\nimport sqlalchemy as sa\ndef upgrade():\n    op.create_table(\n        'orders',\n        sa.Column('id', sa.BigInteger(), primary_key=True),\n        sa.Column('no', sa.Text(), unique=True),\n        sa.UniqueConstraint('no', 'zone', name='uq_zone'),\n    )\n    op.create_unique_constraint('uq_a', 'orders', ['a'])\n";
    assert_eq!(
        told("a.py", alembic),
        [
            "orders(id,no): P orders_pkey(id)@6; U orders_no_key(no)@7; U uq_zone(no,zone)@8",
            "orders(): U uq_a(a)@10"
        ]
    );
    let model = "class Order(Base):\n    __tablename__ = 'orders'\n    id = Column(BigInteger, primary_key=True)\n    no: Mapped[str] = mapped_column(String, unique=True)\n    c = mapped_column(ForeignKey('customers.id'))\n    __table_args__ = (UniqueConstraint('no', 'c', name='uq'),)\n";
    assert_eq!(
        told("m.py", model),
        [
            "orders(id,no,c): P orders_pkey(id)@3; U orders_no_key(no)@4; F orders_c_fkey(c)->customers@5; U uq(no,c)@6"
        ]
    );
    let django = "from django.db import models\nclass Order(models.Model):\n    no = models.CharField(max_length=9, unique=True)\n    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)\n    class Meta:\n        constraints = [models.UniqueConstraint(fields=['no', 'zone'], name='uq_zone')]\n";
    assert_eq!(
        told("shop/models.py", django),
        ["shop_order(no,customer_id): U (no)@3; F (customer_id)@4; U uq_zone(no,zone)@6"]
    );
}

#[test]
fn constraints_and_writers_are_found() {
    let files = [
        ("V1.sql", "CREATE TABLE orders (\n  id int PRIMARY KEY,\n  no text UNIQUE\n);\n"),
        ("Order.java", "@Entity @Table(name = \"orders\") class Order { @Id Long id; }\n"),
        ("OrderRepository.java", "interface OrderRepository extends JpaRepository<Order, Long> {}\n"),
        (
            "Service.java",
            "class Service {\n  private final OrderRepository orders;\n  void a(Order o) {\n    orders.save(o);\n  }\n}\n",
        ),
    ];
    let sources = sources(&files);
    let place = |s: Option<Statement>| s.map(|s| (s.path, s.line));
    let schema = sources.schema();
    assert_eq!(
        place(schema.constraint(Some("orders_no_key"), Some("public.orders"), &[])),
        Some(("V1.sql".into(), 3))
    );
    assert_eq!(place(schema.constraint(None, Some("orders"), &["id".into()])), Some(("V1.sql".into(), 2)));
    assert_eq!(place(schema.constraint(Some("other"), Some("orders"), &[])), None);
    assert_eq!(
        schema.writers("orders").map(|s| (s.path.as_str(), s.line, s.symbol.as_str())).collect::<Vec<_>>(),
        [("Service.java", 4, "Service.a")]
    );
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(text in "(?s).{0,200}", sql in "(CREATE |TABLE |UNIQUE |ALTER |ADD |a |\\(|\\)|,|;|'|\"|\n){0,60}") {
        sources(&[("a.sql", &text), ("b.sql", &sql), ("c.prisma", &text), ("d.xml", &format!("databaseChangeLog{text}"))]).schema();
    }
}

#[test]
fn rails() {
    let schema = "ActiveRecord::Schema[7.1].define(version: 2024) do\n  create_table \"picks\", force: :cascade do |t|\n    t.string \"ref\", null: false\n    t.references :order, foreign_key: true\n    t.string :zone, index: { unique: true }\n    t.timestamps\n    t.index [\"ref\", \"zone\"], name: \"uq_ref_zone\", unique: true\n  end\n  add_foreign_key \"picks\", \"zones\"\nend\n";
    assert_eq!(
        told("db/schema.rb", schema),
        [
            "picks(ref,order_id,zone): F (order_id)->orders@4; U (zone)@5; U uq_ref_zone(ref,zone)@7",
            "picks(): F (zone_id)->zones@9",
        ]
    );
    let migration = "class AddRef < ActiveRecord::Migration[7.0]\n  def up\n    add_column :picks, :label, :string\n    add_index :picks, [:label, :zone], unique: true\n  end\n  def down\n    add_index :picks, :gone, unique: true\n  end\nend\n";
    assert_eq!(
        told("db/migrate/20240101_add_ref.rb", migration),
        ["picks(label): ", "picks(): U index_picks_on_label_and_zone(label,zone)@4"]
    );
    let models = [
        ("app/models/order_line.rb", "class OrderLine < ApplicationRecord\nend\n"),
        ("app/models/pick.rb", "class Pick < ApplicationRecord\n  self.table_name = \"shelf_picks\"\nend\n"),
        (
            "app/w.rb",
            "class W\n  def perform(id)\n    OrderLine.create!(id: id)\n    Pick.insert_all([id])\n  end\nend\n",
        ),
    ];
    let sources = sources(&models);
    let lines = |t: &str| sources.schema().writers(t).map(|s| (s.symbol.clone(), s.line)).collect::<Vec<_>>();
    assert_eq!(lines("order_lines"), [("W.perform".to_owned(), 3)]);
    assert_eq!(lines("shelf_picks"), [("W.perform".to_owned(), 4)]);
}

#[test]
fn laravel_and_doctrine() {
    let migration = "<?php\nreturn new class extends Migration {\n  public function up(): void {\n    Schema::create('picks', function (Blueprint $table) {\n      $table->id();\n      $table->string('ref', 20)->unique();\n      $table->foreignId('order_id')->constrained();\n      $table->string('zone');\n      $table->unique(['ref', 'zone'], 'uq_ref_zone');\n    });\n  }\n  public function down(): void { Schema::create('gone', function ($table) {}); }\n};\n";
    let found = told("database/migrations/2024_create_picks.php", migration);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("picks("), "{found:?}");
    for part in [
        "U picks_ref_unique(ref)@6",
        "F picks_order_id_foreign(order_id)->orders@7",
        "U uq_ref_zone(ref,zone)@9",
    ] {
        assert!(found[0].contains(part), "{part} in {found:?}");
    }
    let doctrine = "<?php\nnamespace App;\n#[ORM\\Entity]\n#[ORM\\Table(name: 'shelf_picks')]\n#[ORM\\UniqueConstraint(name: 'uq_ref', columns: ['ref'])]\nclass Pick {\n  #[ORM\\Column(unique: true)]\n  private string $zoneCode;\n}\n";
    assert_eq!(
        told("src/Entity/Pick.php", doctrine),
        ["shelf_picks(zone_code): U uq_ref(ref)@5; U (zone_code)@7"]
    );
}
