using Microsoft.EntityFrameworkCore.Migrations;

public partial class Init : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            name: "loans",
            columns: table => new
            {
                id = table.Column<Guid>(nullable: false),
                number = table.Column<string>(nullable: false),
                status = table.Column<int>(nullable: false)
            },
            constraints: table => { table.PrimaryKey("pk_loans", x => x.id); });
        migrationBuilder.CreateIndex(name: "ix_loans_number", table: "loans", column: "number", unique: true);
    }
}
