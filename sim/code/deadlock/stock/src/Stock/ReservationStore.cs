using Dapper;
using Microsoft.Data.SqlClient;

namespace Stock;

/// <summary>Reservations in SQL Server.</summary>
public sealed class ReservationStore(string connectionString)
{
    public async Task<Reservation> ReserveAsync(long orderNo, string sku)
    {
        await using var connection = new SqlConnection(connectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var bin = await connection.QuerySingleAsync<string>(
            "SELECT TOP 1 bin FROM bins WITH (UPDLOCK) WHERE sku = @sku AND free > 0 ORDER BY free DESC",
            new { sku }, transaction);
        var id = Guid.NewGuid();
        await connection.ExecuteAsync(
            "INSERT INTO reservations (reservation_id, order_no, bin, reserved_at) VALUES (@id, @orderNo, @bin, SYSUTCDATETIME())",
            new { id, orderNo, bin }, transaction);
        await transaction.CommitAsync();
        return new Reservation(id, orderNo, bin);
    }
}

public sealed record Reservation(Guid Id, long OrderNo, string Bin);
