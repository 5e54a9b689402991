//! Operations on long vectors, each compiled for the vector instructions of the machine it runs on.
//!
//! They are bound by memory, so what follows on what is done in one pass. Sums run in the working precision for a
//! while and go on in double. Structures in place of closures: a closure is not always compiled in place, and then
//! without the instructions that were found.

use pulp::{Simd, WithSimd};

use super::scalar::{Real, keep_normal};

/// Elements side by side in a sum: a single one would make every addition wait for the one before.
const LANES: usize = 32;

/// Elements summed in the working precision before the sum goes on in double.
const RUN: usize = 64 * LANES;

/// The function `$name`, and its body as an operation that `pulp` can dispatch.
macro_rules! dispatched {
    ($(#[$meta:meta])* $name:ident, $operation:ident { $($field:ident: $type:ty),* } -> $out:ty, $body:block) => {
        $(#[$meta])*
        pub fn $name<'a, F: Real>($($field: $type),*) -> $out {
            pulp::Arch::new().dispatch($operation { $($field),* })
        }

        struct $operation<'a, F> {
            $($field: $type),*
        }

        impl<'a, F: Real> WithSimd for $operation<'a, F> {
            type Output = $out;

            #[inline(always)]
            #[allow(clippy::inline_always)]
            fn with_simd<S: Simd>(self, _: S) -> $out {
                let Self { $($field),* } = self;
                $body
            }
        }
    };
}

dispatched!(
    /// `x <- sqrt f`.
    root, Root { f: &'a [F], x: &'a mut [F] } -> (), {
        x.iter_mut().zip(f).for_each(|(x, &f)| *x = f.sqrt());
    }
);

dispatched!(
    /// `out <- (x + step d)^2, too small ones zero`.
    square_of_sum, SquareOfSum { x: &'a [F], step: F, d: &'a [F], out: &'a mut [F] } -> (), {
        for ((out, &x), &d) in out.iter_mut().zip(x).zip(d) {
            let sum = x + step * d;
            *out = keep_normal(sum * sum);
        }
    }
);

dispatched!(
    /// `g <- 2 x (d - n), d being one for all`.
    gradient, Gradient { x: &'a [F], n: &'a [F], d: F, g: &'a mut [F] } -> (), {
        let two = F::ONE + F::ONE;
        g.iter_mut().zip(x.iter().zip(n)).for_each(|(g, (&x, &n))| *g = two * x * (d - n));
    }
);

dispatched!(
    /// `g <- 2 x (d - n)`.
    gradient_each, GradientEach { x: &'a [F], n: &'a [F], d: &'a [F], g: &'a mut [F] } -> (), {
        let two = F::ONE + F::ONE;
        let all = g.iter_mut().zip(x).zip(n.iter().zip(d));
        all.for_each(|((g, &x), (&n, &d))| *g = two * x * (d - n));
    }
);

dispatched!(
    /// `s <- length s, then x <- x + s`.
    advance, Advance { length: F, s: &'a mut [F], x: &'a mut [F] } -> (), {
        for (s, x) in s.iter_mut().zip(x) {
            *s = length * *s;
            *x += *s;
        }
    }
);

dispatched!(
    /// `q <- -g`; returns q'z.
    negate_and_dot, NegateAndDot { g: &'a [F], q: &'a mut [F], z: &'a [F] } -> f64, {
        let mut sum = 0.0;
        for ((q, g), z) in q.chunks_mut(RUN).zip(g.chunks(RUN)).zip(z.chunks(RUN)) {
            q.iter_mut().zip(g).for_each(|(q, &g)| *q = F::ZERO - g);
            sum += run_dot(q, z);
        }
        sum
    }
);

dispatched!(
    /// `x <- x + scale y`; returns x'z.
    add_and_dot, AddAndDot { x: &'a mut [F], scale: F, y: &'a [F], z: &'a [F] } -> f64, {
        let mut sum = 0.0;
        for ((x, y), z) in x.chunks_mut(RUN).zip(y.chunks(RUN)).zip(z.chunks(RUN)) {
            x.iter_mut().zip(y).for_each(|(x, &y)| *x += scale * y);
            sum += run_dot(x, z);
        }
        sum
    }
);

dispatched!(
    /// `x <- scale p x, elementwise`; returns x'z.
    scale_and_dot, ScaleAndDot { x: &'a mut [F], scale: F, p: &'a [F], z: &'a [F] } -> f64, {
        let mut sum = 0.0;
        for ((x, p), z) in x.chunks_mut(RUN).zip(p.chunks(RUN)).zip(z.chunks(RUN)) {
            x.iter_mut().zip(p).for_each(|(x, &p)| *x *= scale * p);
            sum += run_dot(x, z);
        }
        sum
    }
);

dispatched!(
    /// `y <- g - y`; returns s'y and y' diag(p) y.
    change, Change { s: &'a [F], y: &'a mut [F], g: &'a [F], p: &'a [F] } -> (f64, f64), {
        let (mut curvature, mut scaled) = (0.0, 0.0);
        for (((y, g), s), p) in
            y.chunks_mut(RUN).zip(g.chunks(RUN)).zip(s.chunks(RUN)).zip(p.chunks(RUN))
        {
            y.iter_mut().zip(g).for_each(|(y, &g)| *y = g - *y);
            curvature += run_dot(y, s);
            let mut run = [F::ZERO; RUN];
            run.iter_mut().zip(&*y).zip(p).for_each(|((run, &y), &p)| *run = y * p);
            scaled += run_dot(y, &run[..y.len()]);
        }
        (curvature, scaled)
    }
);

/// The product of two runs.
#[inline(always)]
#[allow(clippy::inline_always)]
fn run_dot<F: Real>(a: &[F], b: &[F]) -> f64 {
    let mut sums = [F::ZERO; LANES];
    let ((a, rest_a), (b, rest_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for i in 0..LANES {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: F = rest_a.iter().zip(rest_b).map(|(&a, &b)| a * b).sum();
    (sums.into_iter().sum::<F>() + rest).to_f64()
}

/// The sum, in double precision.
pub fn sum<F: Real>(values: &[F]) -> f64 {
    pulp::Arch::new().dispatch(Sum(values))
}

struct Sum<'a, F>(&'a [F]);

impl<F: Real> WithSimd for Sum<'_, F> {
    type Output = f64;

    #[inline(always)] // or the loop is compiled without the instructions that were found
    #[allow(clippy::inline_always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        /// Sums side by side: a single one would make every addition wait for the one before.
        const LANES: usize = 16;
        let mut sums = [0.0; LANES];
        let (whole, rest) = self.0.as_chunks::<LANES>();
        for values in whole {
            sums.iter_mut().zip(values).for_each(|(sum, x)| *sum += x.to_f64());
        }
        sums.iter().sum::<f64>() + rest.iter().map(|x| x.to_f64()).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_a_simple_loop() {
        for length in [1, 31, 32, 33, 5000] {
            let vector =
                |k: usize| (0..length).map(|i| ((i * 37 + k * 11) % 23) as f64 / 23.0 - 0.4).collect();
            let (a, b, c): (Vec<f64>, Vec<f64>, Vec<f64>) = (vector(1), vector(2), vector(3));
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            let close = |x: f64, y: f64| assert!((x - y).abs() < 1e-12 * length as f64, "{length}: {x} {y}");

            let mut x = a.clone();
            let sum = add_and_dot(&mut x, 0.7, &b, &c);
            let want: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a + 0.7 * b).collect();
            assert_eq!(x, want);
            close(sum, dot(&want, &c));

            let sum = scale_and_dot(&mut x, 2.0, &b, &c);
            let want: Vec<f64> = want.iter().zip(&b).map(|(x, b)| x * (2.0 * b)).collect();
            assert_eq!(x, want);
            close(sum, dot(&want, &c));

            let sum = negate_and_dot(&a, &mut x, &c);
            close(sum, -dot(&a, &c));

            let mut y = b.clone();
            let (curvature, scaled) = change(&a, &mut y, &c, &b);
            let want: Vec<f64> = c.iter().zip(&b).map(|(c, b)| c - b).collect();
            close(curvature, dot(&a, &want));
            let squares: Vec<f64> = want.iter().map(|y| y * y).collect();
            close(scaled, dot(&squares, &b));
        }
    }
}
