#!/usr/bin/env python3
"""What others' tools reach at the training that `basin bench` measures, on the device at hand.

Every peer trains R replicas of 40-w-w-10 with ReLU in lock-step: cross-entropy, Nesterov's method at rate 1e-3 and
momentum 0.9, batches of 128 of 3,968 examples (31 steps an epoch), each replica with a shuffle of its own every epoch.

    torch-vmap     PyTorch: torch.func.vmap of torch.func.grad, a call a step
    torch-compile  the same step through torch.compile
    torch-graph    the same step, an epoch recorded as one CUDA graph (GPUs alone)
    jax            JAX: jax.vmap of jax.grad, an epoch as one jitted jax.lax.scan

A line is the median of several measurements after a warm-up, which compiles. Before that, every peer takes three steps
from the same start and must land where a plain double-precision calculation lands.

    peers.py --widths 8,64,256,1024,4096 --replicas 64 --precision tf32 --json peers.json
"""

import argparse
import json
import os
import statistics
import sys
import time

import numpy as np

INPUTS, CLASSES, BATCH, STEPS, RATE, MOMENTUM = 40, 10, 128, 31, 1e-3, 0.9
EXAMPLES = BATCH * STEPS
LAYERS = ("1", "2", "3")


def start(width, replicas):
    """Parameters by name, weights [R, fanIn, fanOut] and biases [R, fanOut], and the data."""
    random = np.random.default_rng(1)
    sizes = (INPUTS, width, width, CLASSES)
    theta = {}
    for layer, fan_in, fan_out in zip(LAYERS, sizes, sizes[1:]):
        weights = random.standard_normal((replicas, fan_in, fan_out)) * np.sqrt(2 / fan_in)
        theta["w" + layer] = weights.astype(np.float32)
        theta["b" + layer] = np.zeros((replicas, fan_out), np.float32)
    x = random.standard_normal((EXAMPLES, INPUTS)).astype(np.float32)
    y = random.integers(0, CLASSES, EXAMPLES)
    return theta, x, y


def reference(theta, x, y, orders):
    """Three steps in double precision, by hand: orders is [3, R, batch]."""
    theta = {name: value.astype(np.float64) for name, value in theta.items()}
    velocity = {name: np.zeros_like(value) for name, value in theta.items()}
    for order in orders:
        values = [x[order].astype(np.float64)]
        for layer in LAYERS:
            z = values[-1] @ theta["w" + layer] + theta["b" + layer][:, None, :]
            values.append(z if layer == LAYERS[-1] else np.maximum(z, 0))
        logits = values.pop()
        exponents = np.exp(logits - logits.max(axis=2, keepdims=True))
        delta = exponents / exponents.sum(axis=2, keepdims=True)
        delta -= np.eye(CLASSES)[y[order]]
        delta /= order.shape[1]
        gradient = {}
        for layer in reversed(LAYERS):
            below = values.pop()
            gradient["w" + layer] = below.transpose(0, 2, 1) @ delta
            gradient["b" + layer] = delta.sum(axis=1)
            delta = (delta @ theta["w" + layer].transpose(0, 2, 1)) * (below > 0)
        for name in theta:
            velocity[name] = MOMENTUM * velocity[name] + gradient[name]
            theta[name] -= RATE * (gradient[name] + MOMENTUM * velocity[name])
    return theta


class Torch:
    """An epoch on PyTorch."""

    def __init__(self, width, replicas, precision, how):
        import torch

        torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
        torch.backends.cudnn.allow_tf32 = precision == "tf32"
        self.torch = torch
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        if how == "torch-graph" and self.device == "cpu":
            raise SystemExit("torch-graph needs a GPU")
        theta, x, y = start(width, replicas)
        self.replicas = replicas
        self.theta = {name: self.put(value) for name, value in theta.items()}
        self.velocity = {name: torch.zeros_like(value) for name, value in self.theta.items()}
        self.x, self.y = self.put(x), self.put(y)
        gradient = torch.func.vmap(torch.func.grad(self.loss))

        def step(theta, velocity, order):
            gradients = gradient(theta, self.x[order], self.y[order])
            for name, g in gradients.items():
                velocity[name].mul_(MOMENTUM).add_(g)
                theta[name].sub_(RATE * (g + MOMENTUM * velocity[name]))

        self.step = torch.compile(step) if how == "torch-compile" else step
        self.orders = self.put(np.zeros((STEPS, replicas, BATCH), np.int64))
        self.graph = None
        if how == "torch-graph":
            self.record()

    def put(self, array):
        return self.torch.as_tensor(array).to(self.device)

    def loss(self, theta, x, y):
        functional = self.torch.nn.functional
        for layer in LAYERS[:-1]:
            x = functional.relu(x @ theta["w" + layer] + theta["b" + layer])
        return functional.cross_entropy(x @ theta["w" + LAYERS[-1]] + theta["b" + LAYERS[-1]], y)

    def record(self):
        torch = self.torch
        kept = {name: value.clone() for name, value in self.theta.items()}
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):  # allocations and cuBLAS handles come before the recording
            for _ in range(3):
                self.step(self.theta, self.velocity, self.orders[0])
        torch.cuda.current_stream().wait_stream(side)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.steps(STEPS)
        for name, value in kept.items():
            self.theta[name].copy_(value)
            self.velocity[name].zero_()

    def steps(self, count):
        for i in range(count):
            self.step(self.theta, self.velocity, self.orders[i])

    def three_steps(self, orders):
        self.orders[:3] = self.put(orders)
        self.steps(3)
        return {name: value.cpu().numpy() for name, value in self.theta.items()}

    def epochs(self, count):
        torch = self.torch
        for _ in range(count):
            shuffled = torch.rand(self.replicas, EXAMPLES, device=self.device).argsort(1)
            self.orders.copy_(shuffled.reshape(self.replicas, STEPS, BATCH).transpose(0, 1))
            if self.graph is not None:
                self.graph.replay()
            else:
                self.steps(STEPS)
        if self.device == "cuda":
            torch.cuda.synchronize()


class Jax:
    """An epoch on JAX."""

    def __init__(self, width, replicas, precision, how):
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
        import jax

        jax.config.update("jax_default_matmul_precision", "tensorfloat32" if precision == "tf32" else "highest")
        jnp = jax.numpy
        self.jax = jax
        theta, x, y = start(width, replicas)
        theta = {name: jnp.asarray(value) for name, value in theta.items()}
        self.state = theta, {name: jnp.zeros_like(value) for name, value in theta.items()}
        x, y = jnp.asarray(x), jnp.asarray(y)
        self.key = jax.random.key(1)

        def loss(theta, x, y):
            for layer in LAYERS[:-1]:
                x = jax.nn.relu(x @ theta["w" + layer] + theta["b" + layer])
            scores = jax.nn.log_softmax(x @ theta["w" + LAYERS[-1]] + theta["b" + LAYERS[-1]])
            return -jnp.take_along_axis(scores, y[:, None], 1).mean()

        gradient = jax.vmap(jax.grad(loss))

        def step(state, order):
            theta, velocity = state
            g = gradient(theta, x[order], y[order])
            velocity = {name: MOMENTUM * velocity[name] + g[name] for name in theta}
            theta = {name: theta[name] - RATE * (g[name] + MOMENTUM * velocity[name]) for name in theta}
            return (theta, velocity), None

        def epoch(state, key):
            shuffled = jax.random.uniform(key, (replicas, EXAMPLES)).argsort(1)
            orders = shuffled.reshape(replicas, STEPS, BATCH).transpose(1, 0, 2)
            return jax.lax.scan(step, state, orders)[0]

        self.some = jax.jit(lambda state, orders: jax.lax.scan(step, state, orders)[0])
        self.epoch = jax.jit(epoch, donate_argnums=0)

    def three_steps(self, orders):
        theta, _ = self.some(self.state, orders)
        return {name: np.asarray(value) for name, value in theta.items()}

    def epochs(self, count):
        for _ in range(count):
            self.key, key = self.jax.random.split(self.key)
            self.state = self.epoch(self.state, key)
        self.jax.block_until_ready(self.state)


PEERS = {"torch-vmap": Torch, "torch-compile": Torch, "torch-graph": Torch, "jax": Jax}


def check(name, precision):
    """Largest deviation after three steps; beyond what the precision explains the peer trains something else."""
    width, replicas = 16, 3
    theta, x, y = start(width, replicas)
    orders = np.random.default_rng(2).integers(0, EXAMPLES, (3, replicas, BATCH))
    there = PEERS[name](width, replicas, precision, name).three_steps(orders)
    wanted = reference(theta, x, y, orders)
    worst = max(np.abs(there[each] - wanted[each]).max() for each in wanted)
    moved = max(np.abs(wanted[each] - theta[each]).max() for each in wanted)
    allowed = 1e-2 if precision == "tf32" else 1e-4
    if not worst <= allowed * moved:
        raise SystemExit(f"{name} is off by {worst:.1e} after steps of {moved:.1e}, {allowed:.0e} of that is allowed")
    return worst / moved


def measure(name, width, replicas, precision, measurements, seconds):
    """Median time of a replica's step, in seconds."""
    peer = PEERS[name](width, replicas, precision, name)
    begun = time.perf_counter()
    peer.epochs(1)  # compiles
    count, took = 1, 0.0
    while time.perf_counter() - begun < seconds or took < seconds / measurements:
        start_of_run = time.perf_counter()
        peer.epochs(count)
        took = time.perf_counter() - start_of_run
        if took < seconds / measurements:
            count *= 2
    times = []
    for _ in range(measurements):
        start_of_run = time.perf_counter()
        peer.epochs(count)
        times.append((time.perf_counter() - start_of_run) / (count * STEPS * replicas))
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--widths", default="8,64,256,1024,4096")
    parser.add_argument("--replicas", default="64", help="a number, or several: 1,64")
    parser.add_argument("--precision", choices=("float32", "tf32"), default="float32")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--measurements", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="to measure for, a line, and to warm up before")
    parser.add_argument("--json", help="file for the figures, an object a line")
    arguments = parser.parse_args()
    lines = []
    print(f"{'peer':14} {'precision':9} {'width':>6} {'replicas':>8} {'us/step':>10} {'steps/s':>12}", flush=True)
    for name in arguments.peers.split(","):
        if name not in PEERS:
            raise SystemExit(f"there is no peer '{name}', allowed: {', '.join(PEERS)}")
        try:
            off = check(name, arguments.precision)
        except (ImportError, SystemExit) as absent:
            print(f"{name:14} left out: {absent}", flush=True)
            continue
        for width in map(int, arguments.widths.split(",")):
            for replicas in map(int, arguments.replicas.split(",")):
                line = dict(peer=name, precision=arguments.precision, width=width, replicas=replicas, off=float(off))
                try:
                    step = measure(
                        name, width, replicas, arguments.precision, arguments.measurements, arguments.seconds
                    )
                except Exception as failure:  # out of memory at one width leaves the others
                    print(f"{name:14} {arguments.precision:9} {width:6} {replicas:8} {failure!r:.200}", flush=True)
                    continue
                line.update(microsPerReplicaStep=step * 1e6, replicaStepsPerSecond=1 / step)
                lines.append(line)
                print(
                    f"{name:14} {arguments.precision:9} {width:6} {replicas:8} {step * 1e6:10.3f} {1 / step:12,.0f}",
                    flush=True,
                )
    if arguments.json:
        with open(arguments.json, "w") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
    return 0 if lines else 1


if __name__ == "__main__":
    sys.exit(main())
