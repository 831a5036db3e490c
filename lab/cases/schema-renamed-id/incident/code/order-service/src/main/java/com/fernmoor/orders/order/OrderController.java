package com.fernmoor.orders.order;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/orders")
class OrderController {

    private final OrderService orders;

    OrderController(OrderService orders) {
        this.orders = orders;
    }

    @PostMapping
    ResponseEntity<Placed> place(@Valid @RequestBody PlaceOrder request) {
        List<OrderLine> lines = request.lines().stream()
                .map(line -> new OrderLine(line.sku(), line.quantity()))
                .toList();
        long id = orders.place(request.customerId(), request.channel(), lines);
        return ResponseEntity.created(URI.create("/api/orders/" + id)).body(new Placed(id));
    }

    @GetMapping("/{id}")
    OrderView get(@PathVariable long id) {
        return OrderView.of(orders.find(id));
    }

    @DeleteMapping("/{id}")
    ResponseEntity<Void> cancel(@PathVariable long id) {
        orders.cancel(id);
        return ResponseEntity.noContent().build();
    }

    @ExceptionHandler
    ProblemDetail notFound(OrderNotFoundException e) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.NOT_FOUND, e.getMessage());
    }

    @ExceptionHandler
    ProblemDetail conflict(IllegalOrderStateException e) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, e.getMessage());
    }

    record PlaceOrder(
            @NotBlank @Size(max = 40) String customerId,
            @NotBlank @Size(max = 20) String channel,
            @NotEmpty List<@Valid Line> lines) {}

    record Line(@NotBlank @Size(max = 40) String sku, @Positive int quantity) {}

    record Placed(long orderId) {}

    record OrderView(long orderId, OrderStatus status, Instant statusChangedAt, String shipmentNo) {

        static OrderView of(Order order) {
            return new OrderView(
                    order.getId(), order.getStatus(), order.getStatusChangedAt(), order.getShipmentNo());
        }
    }
}
