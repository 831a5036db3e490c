package com.fernmoor.picks.pick;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/picks")
class PickController {

    private final PickService picks;

    PickController(PickService picks) {
        this.picks = picks;
    }

    @GetMapping
    ResponseEntity<Pick> byOrder(@RequestParam long orderId) {
        return ResponseEntity.of(picks.find(orderId));
    }
}
