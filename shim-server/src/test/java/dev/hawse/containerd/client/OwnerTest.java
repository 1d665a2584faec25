package dev.hawse.containerd.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OwnerTest {

    @Test
    void anOwnerIsAliveWhoseProcessIs() {
        var self = Owner.self();
        assertThat(Owner.fromLabel(self.toLabel())).contains(self);
        assertThat(self.isAlive()).isTrue();
        assertThat(new Owner(self.boot(), self.pid(), self.started() + 1).isAlive())
                .isFalse();
        assertThat(new Owner("another", self.pid(), self.started()).isAlive()).isFalse();
        assertThat(Owner.fromLabel("true")).isEmpty();
    }
}
