//! Partitions and their Regions.

/// The Regions of a partition, sorted. An unknown partition has none.
///
/// Sources: AWS Account Management Reference Guide, "Enable or disable AWS Regions in your account",
/// and the endpoint tables of the AWS General Reference (read 2026-11).
pub fn regions(partition: &str) -> &'static [&'static str] {
    match partition {
        "aws" => &AWS,
        "aws-cn" => &["cn-north-1", "cn-northwest-1"],
        "aws-us-gov" => &["us-gov-east-1", "us-gov-west-1"],
        "aws-eusc" => &["eusc-de-east-1"],
        _ => &[],
    }
}

/// The partition that a Region lies in, by its name.
pub fn partition_of(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ if region.starts_with("eusc-") => "aws-eusc",
        _ => "aws",
    }
}

/// Whether a Region is known to be one that every account has to enable for itself.
///
/// Source: AWS Account Management Reference Guide, "Enable or disable AWS Regions in your account":
/// Regions that came before 20 March 2019 are enabled by default (read 2026-11).
pub fn is_opt_in(region: &str) -> bool {
    AWS.contains(&region) && !ENABLED_BY_DEFAULT.contains(&region)
}

/// Whether every account has this Region. The others an account has to enable; a Region that is not
/// known here is taken for one of those.
///
/// Source: AWS Account Management Reference Guide, "Enable or disable AWS Regions in your account"
/// (read 2026-11).
pub fn is_always_enabled(region: &str) -> bool {
    partition_of(region) != "aws" || ENABLED_BY_DEFAULT.contains(&region)
}

const ENABLED_BY_DEFAULT: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

const AWS: [&str; 34] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_regions_are_opt_in_and_unknown_ones_are_not_said_to_be() {
        assert!(is_opt_in("eu-central-2"));
        assert!(!is_opt_in("eu-central-1"));
        assert!(!is_opt_in("cn-north-1"));
        assert!(!is_opt_in("xx-nowhere-1"));
        assert!(ENABLED_BY_DEFAULT.iter().all(|region| AWS.contains(region)));
    }

    #[test]
    fn every_region_lies_in_its_partition() {
        for partition in ["aws", "aws-cn", "aws-us-gov", "aws-eusc"] {
            let regions = regions(partition);
            assert!(regions.is_sorted());
            assert!(
                regions
                    .iter()
                    .all(|region| partition_of(region) == partition)
            );
        }
    }
}
