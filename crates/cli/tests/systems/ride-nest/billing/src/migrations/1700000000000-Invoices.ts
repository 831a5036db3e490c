import { MigrationInterface, QueryRunner, Table } from 'typeorm';

export class Invoices1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE "invoices" ("id" uuid PRIMARY KEY, "ride_id" uuid NOT NULL UNIQUE, "status" text NOT NULL)`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "invoices"`);
  }
}
