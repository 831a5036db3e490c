using Microsoft.EntityFrameworkCore;

namespace Loans.Api.Data;

public enum LoanStatus { Requested, Granted, Declined, PaidOut }

public class Loan
{
    public Guid Id { get; set; }
    public string Number { get; set; }
    public LoanStatus Status { get; set; }
}

public class LoansContext : DbContext
{
    public DbSet<Loan> Loans => Set<Loan>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        builder.Entity<Loan>().ToTable("loans");
        builder.Entity<Loan>().HasIndex(l => l.Number).IsUnique();
    }
}
