package shop.stock;

import java.util.function.Function;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration
class StockFunctions {
    @Bean
    Function<OrderPlaced, StockReserved> reserve(Stock stock) {
        return placed -> stock.reserve(placed);
    }
}
